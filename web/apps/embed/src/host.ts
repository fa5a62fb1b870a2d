import type { PageConfig } from './config'

/** The page that embeds this one. */
export interface Host {
  /** Tells the host; nothing is told where its origin is not known to be allowed. */
  post: (type: string, fields: object) => void
  /** The session's token; each further call asks for another: by the key of the page's address, else the host. */
  session: () => Promise<string>
}

const answerTime = 30_000

export function connectHost(config: PageConfig, byKey: (() => Promise<string>) | null): Host {
  const targets = hostOrigins(config)
  const post = (type: string, fields: object) => {
    if (window.parent === window) return
    for (const target of targets) window.parent.postMessage({ type, ...fields }, target)
  }
  let first: string | null = config.token
  const session = () => {
    if (first) {
      const token = first
      first = null
      return Promise.resolve(token)
    }
    if (byKey) return byKey()
    return nextToken(targets, () => post('extractor:token-expired', { v: 1 }))
  }
  return { post, session }
}

function nextToken(origins: string[], ask: () => void): Promise<string> {
  if (window.parent === window) return Promise.reject(new Error('no host to ask'))
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(() => reject(new Error('the host did not answer'))), answerTime)
    const end = (then: () => void) => {
      clearTimeout(timer)
      window.removeEventListener('message', listen)
      then()
    }
    const listen = (e: MessageEvent) => {
      if (e.source !== window.parent || !origins.includes(e.origin)) return
      if (e.data?.type === 'extractor:set-token' && typeof e.data.token === 'string') end(() => resolve(e.data.token))
    }
    window.addEventListener('message', listen)
    ask()
  })
}

/**
 * The origins to post to: the session's, else the one that the browser names if
 * it is allowed, else each exact one of the list, of which the browser drops the
 * ones that don't match.
 */
export function hostOrigins(config: PageConfig): string[] {
  if (config.origin) return [config.origin]
  const named = location.ancestorOrigins?.[0] ?? originOf(document.referrer)
  if (named) return config.allowedOrigins.some((source) => allows(source, named)) ? [named] : []
  return config.allowedOrigins.filter((source) => originOf(source) === source)
}

/** Whether a source of frame-ancestors (CSP Level 3, section 6.7.2.8) names an origin. */
export function allows(source: string, origin: string): boolean {
  const url = new URL(origin)
  if (source.endsWith(':')) return url.protocol === source
  const parts = /^(https?:)\/\/(\*\.)?([^:/*]+)(?::(\d+|\*))?$/.exec(source)
  if (!parts) return false
  const [, protocol, wild, host, port] = parts
  const hostFits = wild ? url.hostname.endsWith(`.${host}`) : url.hostname === host
  return url.protocol === protocol && hostFits && (port === '*' || (port ?? '') === url.port)
}

function originOf(address: string): string | null {
  try {
    const { origin } = new URL(address)
    return origin === 'null' ? null : origin
  } catch {
    return null
  }
}
