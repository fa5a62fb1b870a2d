import { errorOf, ExtractorError } from './error'

/** Who calls: a session that the host's server makes, or an API key and its user. */
export type Credentials =
  | { session: () => Promise<string>; apiKey?: undefined; userEmail?: undefined }
  | { apiKey: string; userEmail: string; session?: undefined }

export type ClientOptions = Credentials & {
  /** Where the API is; '' is the page's own origin. */
  baseUrl?: string
  appName?: string
  /** Makes the calls in place of the browser's own fetch. */
  fetch?: typeof fetch
  /** Called when a session was refused, before another is asked for. */
  onTokenExpired?: () => void
}

export interface Call {
  method?: string
  query?: Record<string, string | number | undefined>
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Calls the API. The session's token lives in this object alone. */
export class Client {
  private token?: Promise<string>
  constructor(readonly options: ClientOptions) {}

  /** Calls an operation and gives what stands in `data`. */
  async call<T>(path: string, call: Call = {}): Promise<T> {
    const answer = await this.fetch(path, call)
    const { data } = (await answer.json()) as { data: T }
    return data
  }

  /** Calls an operation; a refused session is asked for again once. */
  async fetch(path: string, call: Call = {}): Promise<Response> {
    let answer = await this.send(path, call)
    if (answer.status === 401 && this.renew()) {
      answer = await this.send(path, call)
    }
    if (!answer.ok) {
      throw errorOf(answer.status, await answer.text(), answer.headers.get('Retry-After'))
    }
    return answer
  }

  /** Forgets a refused session. It says whether there is another to ask for. */
  renew(): boolean {
    if (!this.options.session) return false
    this.token = undefined
    this.options.onTokenExpired?.()
    return true
  }

  address(path: string, query: Call['query'] = {}): string {
    const set = Object.entries(query).filter(([, v]) => v !== undefined && v !== '')
    const search = new URLSearchParams(set.map(([k, v]) => [k, String(v)])).toString()
    return `${this.options.baseUrl ?? ''}/api/embed${path}${search && `?${search}`}`
  }

  /** The address of a folder of files that the service has for pages. */
  folder(name: string): string {
    return new URL(`${this.options.baseUrl ?? ''}/embed/assets/${name}/`, document.baseURI).href
  }

  async headers(): Promise<Record<string, string>> {
    const app: Record<string, string> = this.options.appName ? { 'X-App-Name': this.options.appName } : {}
    if (!this.options.session) {
      return { ...app, 'X-API-Key': this.options.apiKey, 'X-User-Email': this.options.userEmail }
    }
    this.token ??= this.options.session()
    try {
      return { ...app, Authorization: `Bearer ${await this.token}` }
    } catch {
      this.token = undefined
      throw new ExtractorError('', 'unauthorized', 401)
    }
  }

  private async send(path: string, call: Call): Promise<Response> {
    const headers = { ...(await this.headers()), ...call.headers }
    if (call.body !== undefined) headers['Content-Type'] = 'application/json'
    try {
      return await (this.options.fetch ?? fetch)(this.address(path, call.query), {
        method: call.method ?? 'GET',
        headers,
        body: call.body === undefined ? undefined : JSON.stringify(call.body),
        signal: call.signal,
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
      })
    } catch (err) {
      if (call.signal?.aborted) throw err
      throw new ExtractorError('', 'offline')
    }
  }
}
