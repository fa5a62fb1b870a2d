#!/usr/bin/env python3
"""Draws the kinds of mistake of docs/accuracy.md on invented documents.

  mistakes.py bin/extractor OUT_FOLDER [NAME]

Each document is made here, read and answered by the program, and drawn with the answer's box: the mistake is a real one.
A case whose answer has become right is an error, for its picture would lie. Scans are pictures drawn by Chromium.
"""
import html, json, pathlib, re, subprocess, sys, tempfile

WIDTH, HEIGHT = 595, 842  # of a page, in points
# Widths of Helvetica's characters from the space to the tilde, in thousandths of its size (its font metrics); others have 556.
HELVETICA = [278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278] + [556] * 10 + [278, 278, 584, 584, 584, 556, 1015] + [
    667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611] + [
    278, 278, 278, 469, 556, 333] + [556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500] + [334, 260, 334, 584]
BLUR = '<filter id="{id}"><feGaussianBlur stdDeviation="{blur}"/></filter>'


def text_field(key, description):
    return {"key": key, "type": "String", "description": description}


def invoice(*fields):
    return {"name": "Invoice", "description": "Invoice for goods or services", "fields": list(fields)}


def receipt(*fields):
    return {"name": "Receipt", "description": "Receipt of a shop", "fields": list(fields)}


def agreement(*fields):
    return {"name": "Confidentiality agreement", "description": "Agreement on the confidentiality of information", "fields": list(fields)}


def lines_field(*children):
    return {"key": "lines", "type": "List<Object>", "description": "Invoiced lines", "children": list(children)}


DATE = {"key": "effective_date", "type": "Date", "description": "Date from which the agreement is in force"}
TERM = text_field("term", "How long information is to be kept secret")
TOTAL = {"key": "total", "type": "Number", "description": "Total to pay, after rounding"}
DESCRIPTION = text_field("description", "Description of the article")
ITEM = text_field("item_number", "Seller's article number")
AMOUNTS = [{"key": "quantity", "type": "Number", "description": "Quantity"}, {"key": "amount", "type": "Number", "description": "Total of the line"}]


def letter(*rest, to, sender="Ahornwerk GmbH · Mühlgasse 4 · 01099 Dresden"):
    """A letter's head: the sender above the window, the addressee in it."""
    head = [(70, 118, 7, sender)] + [(70, 136 + 14 * i, 10, part) for i, part in enumerate(to)]
    return head + list(rest)


def prose(y, *parts):
    return [(70, y + 15 * i, 10, part) for i, part in enumerate(parts)]


# name: template, the path that is wrong, what is right, texts (x, y, size, text[, blur]), the part of the page to draw, whether it is a scan
CASES = {
    "01-letter-misread": (
        receipt(text_field("company", "Name of the shop"), text_field("address", "Address of the shop")), "company", "MAYER & SANYU HARDWARE SDN BHD",
        [(180, 60, 12, "MAYER & SANYU HARDWARE SDN BHD", 1.6), (180, 80, 11, "NO. 12, JALAN MELATI 3"), (180, 94, 11, "TAMAN SERI, 43200 CHERAS"),
         (150, 130, 11, "PAINT, WHITE"), (400, 130, 11, "19.90"), (150, 146, 11, "BRUSH"), (400, 146, 11, "4.60"),
         (150, 170, 11, "TOTAL"), (400, 170, 11, "24.50"), (150, 190, 11, "DATE: 03/02/2026 14:12")], (38, 202), True),
    "02-attention-line": (
        invoice(text_field("buyer_name", "Buyer"), text_field("buyer_address", "Address of the buyer")), "buyer_address", "Petra Lindner, Hafenweg 9, 24103 Kiel",
        letter((70, 250, 14, "Rechnung Nr. 2026-118"), (420, 250, 10, "Datum: 14.03.2026"), (70, 290, 10, "Gesamtbetrag: 119,00 EUR"),
               to=["Seekontor AG", "Petra Lindner", "Hafenweg 9", "24103 Kiel"]), (104, 265), False),
    "03-date-of-another-agreement": (
        agreement(DATE), "effective_date", "2026-05-04",
        [(190, 80, 13, "CONFIDENTIALITY AGREEMENT")] + prose(115, "This Confidentiality Agreement supplements the Supply Agreement entered into as of", "January 9, 2024 between Rowan Ltd. and Pike Inc. and is made between the same", "parties. The receiving party shall keep the confidential information secret.", "", "IN WITNESS WHEREOF, signed on the 4th of May '26 by the parties hereto."), (55, 190), False),
    "04-several-lengths-of-time": (
        agreement(TERM), "term", "3 years",
        [(190, 80, 13, "CONFIDENTIALITY AGREEMENT")] + prose(115, "1. The receiving party shall keep the confidential information secret for a period of", "three (3) years from its receipt.", "2. The receiving party shall use the confidential information only for a period of", "one (1) year from the date of this agreement."), (55, 172), False),
    "05-name-in-another-spelling": (
        agreement({"key": "parties", "type": "List<String>", "description": "Parties of the agreement"}), "parties[0]", "Rowan and Pike Ltd.",
        [(190, 80, 13, "CONFIDENTIALITY AGREEMENT")] + prose(115, "This agreement is made as of May 4, 2026 by and between Rowan & Pike Limited, a company", "of Ireland (\"Rowan\"), and Alder Foods Inc., a Delaware corporation (\"Alder\"). The parties", "hereto shall keep confidential information secret."), (55, 160), False),
    "06-brand-for-a-company": (
        invoice(text_field("seller_name", "Brand of the seller")), "seller_name", "Larkspur Cloud",
        [(70, 80, 18, "Larkspur Cloud Invoice"), (70, 120, 10, "Invoice number:"), (200, 120, 10, "LC-2026-77"), (70, 136, 10, "Invoice date:"), (200, 136, 10, "May 4, 2026"),
         (70, 160, 10, "Total:"), (200, 160, 10, "$41.10"), (360, 120, 9, "Service provider:"), (360, 134, 9, "Larkspur Cloud Services, Inc."), (360, 147, 9, "12 Harbor Road"), (360, 160, 9, "Portland, OR 97201")], (50, 172), False),
    "07-notes-under-an-article": (
        invoice(lines_field(DESCRIPTION, *AMOUNTS)), "lines[0].description", "Garden chair, oak",
        [(70, 80, 14, "Invoice 2026-31"), (70, 115, 10, "Description"), (330, 115, 10, "Quantity"), (470, 115, 10, "Amount"),
         (70, 135, 10, "Garden chair, oak"), (350, 135, 10, "2"), (470, 135, 10, "180.00"), (70, 148, 10, "not to be left in the rain"),
         (70, 166, 10, "Cushion, green"), (350, 166, 10, "2"), (470, 166, 10, "30.00"), (400, 192, 10, "Total"), (470, 192, 10, "210.00")], (55, 202), False),
    "08-number-without-a-label": (
        invoice(text_field("customer_number", "Number of the customer's policy")), "customer_number", "00.417.932.5",
        letter((70, 250, 12, "Gebäudeversicherung 00.417.932.5"), (420, 250, 10, "14. März 2026"), (70, 285, 10, "Gesamtbeitrag"), (440, 285, 10, "1.000,00 EUR"),
               (70, 300, 10, "Versicherungsteuer 19 %"), (440, 300, 10, "190,00 EUR"), (70, 315, 10, "Rechnungsbetrag"), (440, 315, 10, "1.190,00 EUR"),
               to=["Herrn", "Jonas Feldmann", "Am Anger 3", "99084 Erfurt"], sender="Elbtaler Versicherung a.G. · Domplatz 1 · 39104 Magdeburg"), (106, 325), False),
    "09-total-before-its-rounding": (
        receipt(text_field("company", "Name of the shop"), TOTAL), "total", "182.00",
        [(180, 60, 15, "KEDAI ANGGERIK SDN BHD"), (150, 95, 11, "RICE 10 KG"), (400, 95, 11, "120.00"), (150, 111, 11, "OIL 5 L"), (400, 111, 11, "61.98"),
         (150, 135, 12, "TOTAL"), (400, 135, 12, "181.98"), (150, 152, 12, "ROUNDED TOTAL", 3.2), (400, 152, 12, "182.00", 3.2), (150, 176, 11, "DATE: 03/02/2026 14:12")], (35, 190), True),
    "10-two-numbers-in-one-cell": (
        invoice(lines_field(ITEM, DESCRIPTION, *AMOUNTS)), "lines[0].item_number", "77120",
        [(70, 80, 14, "Invoice 2026-32"), (70, 115, 10, "Article no."), (170, 115, 10, "Description"), (370, 115, 10, "Quantity"), (470, 115, 10, "Amount"),
         (70, 135, 10, "A-4471"), (70, 148, 10, "77120"), (170, 135, 10, "Garden chair, oak"), (390, 135, 10, "2"), (470, 135, 10, "180.00"),
         (70, 170, 10, "A-4472"), (70, 183, 10, "77121"), (170, 170, 10, "Cushion, green"), (390, 170, 10, "2"), (470, 170, 10, "30.00"), (400, 205, 10, "Total"), (470, 205, 10, "210.00")], (55, 215), False),
}


def width(text, size):
    return sum(HELVETICA[ord(c) - 32] if 32 <= ord(c) < 127 else 556 for c in text) * size / 1000


def page_svg(texts):
    """The page's texts, as wide as in Helvetica whatever font draws them; those with a blur are as a bad scan has them."""
    out, filters = [], {}
    for x, y, size, text, *blur in texts:
        style = ""
        if blur:
            filters[blur[0]] = name = "blur" + str(blur[0]).replace(".", "-")
            style = f' filter="url(#{name})"'
        out.append(f'<text x="{x}" y="{y}" font-size="{size}" textLength="{width(text, size):.1f}" lengthAdjust="spacingAndGlyphs" xml:space="preserve"{style}>{html.escape(text)}</text>')
    defs = "".join(BLUR.format(id=name, blur=blur) for blur, name in filters.items())
    return f"<defs>{defs}</defs>" + "\n".join(out)


def page_pdf(texts):
    shows = "".join(f"BT /F1 {size} Tf 1 0 0 1 {x} {HEIGHT - y} Tm <{text.encode('cp1252').hex()}> Tj ET\n" for x, y, size, text, *_ in texts)
    parts = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
             f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
             f"<</Length {len(shows)}>>stream\n{shows}endstream", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"]
    out, places = b"%PDF-1.4\n", []
    for i, part in enumerate(parts):
        places.append(len(out))
        out += f"{i + 1} 0 obj{part}endobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return out + f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(parts) + 1}/Root 1 0 R>>startxref\n{len(out)}\n%%EOF".encode()


def scan_png(texts, folder):
    svg, png = folder / "scan.svg", folder / "scan.png"
    svg.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{2 * WIDTH}" height="{2 * HEIGHT}" font-family="Helvetica,Arial,sans-serif">'
                   f'<rect width="100%" height="100%" fill="white"/>{page_svg(texts)}</svg>')
    subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--screenshot={png}", f"--window-size={2 * WIDTH},{2 * HEIGHT}", "--hide-scrollbars", svg.as_uri()], check=True, capture_output=True)
    return png.read_bytes()


def answer(program, template, texts, scan):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        file = folder / ("page.png" if scan else "page.pdf")
        file.write_bytes(scan_png(texts, folder) if scan else page_pdf(texts))
        (folder / "template.json").write_text(json.dumps(template))
        out = subprocess.run([program, "extract", str(file), "--template", str(folder / "template.json"), "--json"], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)


def value_at(data, path):
    for step in path.replace("[", ".[").split("."):
        data = data[int(step[1:-1])] if step.startswith("[") else data[step]
    return data


def letters(value):
    """What counts of a value: its letters and digits."""
    return re.sub(r"[\W_]+", "", str(value)).casefold()


def picture(template, path, right, texts, crop, answered):
    value, evidence = value_at(answered["data"], path), answered["evidence"].get(path, {})
    if letters(value) == letters(right):
        raise SystemExit(f"{path} is right by now: {right}")
    boxes = [evidence["box"]] if evidence.get("box") else [c["box"] for c in evidence.get("candidates", []) if c.get("box")]
    drawn = "".join(f'<rect x="{b["x"] * WIDTH - 3:.1f}" y="{b["y"] * HEIGHT - 3:.1f}" width="{b["width"] * WIDTH + 6:.1f}" height="{b["height"] * HEIGHT + 6:.1f}" fill="none" stroke="#d9480f" stroke-width="1.5"/>' for b in boxes)
    said = f'{value}, sure to {evidence["confidence"]:.2f}' if value is not None else f'nothing: {evidence.get("reason")}'
    top, bottom = crop
    high = bottom - top + 62
    notes = "".join(f'<text x="52" y="{bottom + 22 + 16 * i}" font-size="10.5"><tspan fill="#666">{label}</tspan><tspan x="118" fill="{colour}">{html.escape(words)}</tspan></text>'
                    for i, (label, words, colour) in enumerate([("asked", path, "#222"), ("answered", said, "#d9480f"), ("right", right, "#2b8a3e")]))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="40 {top} 515 {high}" width="772" height="{1.5 * high:.0f}" font-family="Helvetica,Arial,sans-serif">\n'
            f'<rect x="40" y="{top}" width="515" height="{high}" fill="#f1f3f5"/><rect x="44" y="{top + 4}" width="507" height="{bottom - top}" fill="white" stroke="#ced4da"/>\n'
            f"{page_svg(texts_in(texts, crop))}\n{drawn}\n{notes}</svg>\n")


def texts_in(texts, crop):
    return [t for t in texts if crop[0] < t[1] < crop[1]]


def main(program, folder, only=""):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (template, path, right, texts, crop, scan) in CASES.items():
        if only in name:
            (folder / f"{name}.svg").write_text(picture(template, path, right, texts, crop, answer(program, template, texts, scan)))
            print(name)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
