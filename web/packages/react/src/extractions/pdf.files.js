// Bundlers find these files by the very words `new URL('./name', import.meta.url)`. So that a host's bundler finds them,
// too, this module goes into the package as it is.
export const startWorker = () => new Worker(new URL('./pdf.worker.js', import.meta.url), { type: 'module' })

/** The address of the pictures' decoders. */
export const decoders = () => new URL('./pdf.decoders.js', import.meta.url).href
