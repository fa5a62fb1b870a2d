import jbig2 from 'pdfjs-dist/wasm/jbig2_nowasm_fallback.js'
import openjpeg from 'pdfjs-dist/wasm/openjpeg_nowasm_fallback.js'

/**
 * The decoder of JBIG2 or of JPEG 2000: pdf.js imports one by a name below the
 * address that it was given, which stands after a # here, as both are one file.
 */
export default new URL(import.meta.url).hash.includes('jbig2') ? jbig2 : openjpeg
