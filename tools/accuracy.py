#!/usr/bin/env python3
"""Prints what `make eval` shows: the scorer's figures for every corpus, and how honest confidence and evidence are.

  accuracy.py CORPORA PREDICTIONS      a folder of corpora with score.py, a folder of NAME.jsonl that `extractor eval` wrote

Confidence counts over all single values and cells that a corpus expects and that were answered: in ten bins, "calibration
error" is the mean distance between what a bin's values claim and how many of them are right. "Boxes" is the share of
right values whose box holds words that spell the value.
"""
import importlib.util, json, pathlib, re, sys


def load_scorer(corpora):
    spec = importlib.util.spec_from_file_location("score", corpora / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def spells(scorer, kind, value, text):
    """Whether words on a page spell a value: dates and numbers by their digits in any order of day and month."""
    if kind == "Boolean":
        return text != ""
    have = scorer.norm(text)
    if kind == "String":
        return scorer.norm(value) in have or all(scorer.norm(w) in have for w in re.findall(r"\w+", str(value))) or len(str(value)) == 3
    if kind == "Date":
        year, month, day = str(value)[:10].split("-")
        return year[2:] in have and day.lstrip("0") in have
    digits = re.sub(r"\D", "", f"{abs(float(value)):.4f}").rstrip("0").strip("0")
    return digits in re.sub(r"\D", "", have)


def answered(scorer, template, label, made):
    """(kind, right, confidence, value, words in the box) of each expected value that was answered."""
    data, evidence, boxes = made.get("data") or {}, made.get("evidence") or {}, made.get("boxes") or {}
    for f in template["fields"]:
        want, got = label["expected"].get(f["key"]), data.get(f["key"])
        if want is None or got is None:
            continue
        if f["type"] == "List<Object>":
            yield from cells(scorer, f, want, got, evidence, boxes)
        elif f["type"] == "List<String>":
            names = {scorer.norm(x) for x in want}
            for i, x in enumerate(got):
                path = f"{f['key']}[{i}]"
                yield "String", scorer.norm(x) in names, evidence.get(path, {}).get("confidence", 0), x, boxes.get(path)
        else:
            path = f["key"]
            yield f["type"], scorer.same(f["type"], want, got), evidence.get(path, {}).get("confidence", 0), got, boxes.get(path)


def cells(scorer, f, want, got, evidence, boxes):
    kinds = {c["key"]: c["type"] for c in f["children"]}
    pairs = sorted(((sum(scorer.same(kinds[k], w[k], g.get(k)) for k in w), i, j) for i, w in enumerate(want) for j, g in enumerate(got)), reverse=True)
    used_want, used_got = set(), set()
    for n, i, j in pairs:
        if i in used_want or j in used_got or n == 0:
            continue
        used_want.add(i), used_got.add(j)
        for k in want[i]:
            if got[j].get(k) is not None:
                path = f"{f['key']}[{j}].{k}"
                yield kinds[k], scorer.same(kinds[k], want[i][k], got[j][k]), evidence.get(path, {}).get("confidence", 0), got[j][k], boxes.get(path)


def main(corpora, predictions):
    scorer = load_scorer(corpora)
    print(f"{'corpus':<18}{'documents':>10}{'right':>8}{'near':>8}{'lists':>8}{'cells':>8}{'type':>8}")
    values = []
    for corpus in sorted(p.parent for p in corpora.glob("*/labels.jsonl")):
        file = predictions / (corpus.name + ".jsonl")
        if not file.exists():
            continue
        s = scorer.score(corpus, file)
        print(f"{s['corpus']:<18}{s['documents']:>10}" + "".join(f"{'-' if s[k] is None else format(s[k], '.3f'):>8}" for k in ("right", "near", "lists", "cells", "type")))
        templates = json.loads((corpus / "templates.json").read_text())
        made = {p["file"]: p for p in map(json.loads, open(file))}
        for line in open(corpus / "labels.jsonl"):
            label = json.loads(line)
            values += answered(scorer, templates[label["template"]], label, made.get(label["file"], {}))
    honesty(scorer, values)


def honesty(scorer, values):
    sure = [right for _, right, confidence, _, _ in values if confidence >= 0.9]
    error = 0
    print("\nconfidence   values  claimed   right")
    for b in range(10):
        inside = [(c, r) for _, r, c, _, _ in values if min(int(c * 10), 9) == b]
        if inside:
            claimed, right = sum(c for c, _ in inside) / len(inside), sum(r for _, r in inside) / len(inside)
            error += abs(claimed - right) * len(inside) / len(values)
            print(f"{b / 10:.1f} - {b / 10 + 0.1:.1f}{len(inside):>10}{claimed:>9.3f}{right:>8.3f}")
    held = [spells(scorer, kind, value, text or "") for kind, right, _, value, text in values if right and text is not None]
    print(f"\nright at 0.9 and more: {sum(sure) / max(len(sure), 1):.3f} of {len(sure)}")
    print(f"expected calibration error: {error:.3f}")
    print(f"boxes that hold their right value: {sum(held) / max(len(held), 1):.3f} of {len(held)}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*map(pathlib.Path, sys.argv[1:]))
