/** Starts pdf.js's worker, a file of its own. */
export declare const startWorker: () => Worker
/** The address of the decoders of pictures, a file of its own. */
export declare const decoders: () => string
