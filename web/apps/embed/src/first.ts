import type { PageConfig } from './config'

/** What each page asks for first. The addresses are those that its components ask for. */
const calls: Record<PageConfig['page'], string[]> = {
  upload: [],
  documents: ['/documents?page=1&limit=50'],
  extractions: ['/extractions?page=1&limit=50', '/documents?limit=100'],
  settings: ['/connections', '/mailboxes'],
}

/**
 * Asks for what the page shows first at once, and gives a fetch that hands each
 * of these answers out once. All other calls are the browser's own.
 */
export function firstAnswers(config: PageConfig): typeof fetch {
  const asked = new Map<string, Promise<Response>>()
  const headers = { Authorization: `Bearer ${config.token}`, ...(config.appName && { 'X-App-Name': config.appName }) }
  for (const path of config.role === 'member' && config.page === 'settings' ? [] : calls[config.page]) {
    const address = `/api/embed${path}`
    const answer = fetch(address, { headers, credentials: 'omit', referrerPolicy: 'no-referrer' })
    answer.catch(() => {}) // whoever takes the answer sees that it failed
    asked.set(address, answer)
  }
  return (input, init) => {
    const answer = typeof input === 'string' ? asked.get(input) : undefined
    if (!answer) return fetch(input, init)
    asked.delete(input as string)
    return answer
  }
}
