import type { Client } from './client'
import { ExtractorError } from './error'
import type { Status, StatusEvent } from './types'

/** Whether nothing more happens to an extraction by itself. */
export function ended(status: Status): boolean {
  return status === 'completed' || failed(status)
}

/** Whether an extraction failed, so that it can be retried. */
export function failed(status: Status): boolean {
  return status === 'failed' || status.endsWith(' failed')
}

/**
 * Follows an extraction until it ends. The stream is read by fetch, for
 * EventSource can't send headers. After a break it goes on from the last event.
 */
export async function follow(client: Client, id: string, onStatus: (event: StatusEvent) => void, signal: AbortSignal): Promise<void> {
  let last = ''
  for (let wait = 1; !signal.aborted; wait = Math.min(wait * 2, 15)) {
    try {
      const headers: Record<string, string> = last ? { 'Last-Event-ID': last } : {}
      const answer = await client.fetch(`/extractions/${id}/events`, { headers, signal })
      for await (const [eventID, data] of events(answer)) {
        last = eventID
        wait = 1
        const event = JSON.parse(data) as StatusEvent
        onStatus(event)
        if (ended(event.status)) return
      }
    } catch (err) {
      if (signal.aborted) return
      if (err instanceof ExtractorError && !err.recoverable) throw err
      if (err instanceof ExtractorError && err.retryAfter) wait = err.retryAfter
    }
    await new Promise((done) => setTimeout(done, wait * 1000))
  }
}

/** Reads a stream of server-sent events (HTML Living Standard, section 9.2). */
async function* events(answer: Response): AsyncGenerator<[string, string]> {
  if (!answer.body) return
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const blocks = (rest + value).split(/\r?\n\r?\n/)
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? ''
      if (field('data')) yield [field('id'), field('data')]
    }
  }
}
