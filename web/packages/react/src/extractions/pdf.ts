import { getDocument, PDFWorker, type PDFDocumentProxy } from 'pdfjs-dist'
import { decoders, startWorker } from './pdf.files.js'

export interface OpenedPDF {
  /** Fails where the file is no PDF, and where a host's page may have no worker. */
  document: Promise<PDFDocumentProxy>
  /** Ends the document and its worker. */
  close: () => void
}

/**
 * Opens a PDF in a worker of its own. What few files need comes when one needs
 * it: pdf.js looks for fonts and maps of characters below the address `files`, and
 * for the decoders of pictures in the script that stands for them.
 */
export function openPDF(file: Blob, files: string): OpenedPDF {
  let port: Worker
  try {
    port = startWorker()
  } catch (err) {
    return { document: Promise.reject(err), close: () => {} }
  }
  const worker = new PDFWorker({ port } as never)
  const failed = new Promise<never>((_, reject) => port.addEventListener('error', () => reject(new Error('the worker did not start')), { once: true }))
  const read = file.arrayBuffer().then((data) => getDocument({
    data, worker, enableXfa: false,
    useWasm: false, // pages' policies don't allow it
    wasmUrl: `${decoders()}#/`,
    cMapUrl: `${files}cmaps/`,
    standardFontDataUrl: `${files}standard_fonts/`,
    useWorkerFetch: true,
  }).promise)
  const document = Promise.race([read, failed])
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
