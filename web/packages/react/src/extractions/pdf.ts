import { getDocument, PDFWorker, type PDFDocumentProxy } from 'pdfjs-dist'

/** Opens a PDF in a worker of its own; close ends both. */
export function openPDF(file: Blob): { document: Promise<PDFDocumentProxy>; close: () => void } {
  const port = new Worker(new URL('./pdf.worker.ts', import.meta.url), { type: 'module' })
  const worker = new PDFWorker({ port } as never)
  const document = file.arrayBuffer().then((data) => getDocument({ data, worker, enableXfa: false }).promise)
  return {
    document,
    close: () => {
      document.catch(() => {}).finally(() => {
        worker.destroy()
        port.terminate()
      })
    },
  }
}
