declare module 'pdfjs-dist/wasm/*' {
  /** Makes a decoder, which pdf.js alone knows how to use. */
  export default function decoder(): unknown
}
