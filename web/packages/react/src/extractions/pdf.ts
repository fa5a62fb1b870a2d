import { getDocument, PDFWorker, type PDFDocumentProxy } from 'pdfjs-dist'
import { decoders, startWorker } from './pdf.files.js'

/**
 * Opens a PDF in a worker of its own; close ends both. What few files need comes
 * when one needs it: pdf.js looks for fonts and character maps below the address
 * `files`, and for the decoders of pictures in the script that stands for them.
 */
export function openPDF(file: Blob, files: string): { document: Promise<PDFDocumentProxy>; close: () => void } {
  const port = startWorker()
  const worker = new PDFWorker({ port } as never)
  const document = file.arrayBuffer().then((data) => getDocument({
    data, worker, enableXfa: false,
    useWasm: false, // pages' policies don't allow it
    wasmUrl: `${decoders()}#/`,
    cMapUrl: `${files}cmaps/`,
    standardFontDataUrl: `${files}standard_fonts/`,
    useWorkerFetch: true,
  }).promise)
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
