import type { Client } from './client'
import { errorOf, ExtractorError } from './error'
import type { Schemas } from './types'

/** How an upload's bytes are told: the share that was sent, 0 to 1. */
export type OnProgress = (share: number) => void

/**
 * Uploads a file and starts its extraction. XMLHttpRequest tells how much of
 * the body was sent, which fetch does not. `key` makes a repeated upload the same one.
 */
export async function upload(client: Client, file: File, key: string, onProgress: OnProgress, signal: AbortSignal): Promise<Schemas['Started']> {
  try {
    return await send(client, file, key, onProgress, signal)
  } catch (err) {
    if (err instanceof ExtractorError && err.kind === 'unauthorized' && client.renew()) {
      return send(client, file, key, onProgress, signal)
    }
    throw err
  }
}

async function send(client: Client, file: File, key: string, onProgress: OnProgress, signal: AbortSignal): Promise<Schemas['Started']> {
  const headers = await client.headers()
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', client.address('/extract'))
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.setRequestHeader('Idempotency-Key', key)
    request.upload.onprogress = (e) => onProgress(e.lengthComputable ? e.loaded / e.total : 0)
    request.onerror = () => reject(new ExtractorError('', 'offline'))
    request.onabort = () => reject(new DOMException('Aborted', 'AbortError'))
    request.onload = () => {
      if (request.status >= 300) {
        reject(errorOf(request.status, request.responseText, request.getResponseHeader('Retry-After')))
        return
      }
      resolve((JSON.parse(request.responseText) as Schemas['StartedEnvelope']).data)
    }
    signal.addEventListener('abort', () => request.abort(), { once: true })
    const body = new FormData()
    body.append('file', file)
    request.send(body)
  })
}
