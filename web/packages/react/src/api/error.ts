/** What kind of trouble a call met, which decides what the user is told. */
export type ErrorKind = 'offline' | 'unauthorized' | 'limited' | 'server' | 'refused'

/** A call that failed. `message` is the server's own sentence where it has one. */
export class ExtractorError extends Error {
  override name = 'ExtractorError'
  constructor(
    message: string,
    readonly kind: ErrorKind,
    readonly status = 0,
    /** Seconds to wait, of a 429 or 503. */
    readonly retryAfter?: number,
  ) {
    super(message)
  }

  /** Whether the same call may succeed later. */
  get recoverable(): boolean {
    return this.kind === 'offline' || this.kind === 'limited' || this.kind === 'server'
  }
}

/** Turns an answer that is no success into an error. */
export function errorOf(status: number, body: string, retryAfter: string | null): ExtractorError {
  const kind: ErrorKind = status === 401 ? 'unauthorized' : status === 429 ? 'limited' : status >= 500 ? 'server' : 'refused'
  return new ExtractorError(sentence(body), kind, status, Number(retryAfter) || undefined)
}

function sentence(body: string): string {
  try {
    const error: unknown = JSON.parse(body).error
    return typeof error === 'string' ? error : ''
  } catch {
    return '' // a proxy's page, which is no sentence of ours
  }
}
