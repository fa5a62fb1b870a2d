/**
 * Takes the key from the page's address, which forgets it next: it lives in the
 * function that asks for sessions by it. null where the host gave a session.
 */
export function takeKey(): (() => Promise<string>) | null {
  const query = new URLSearchParams(location.search)
  const apiKey = query.get('apiKey')
  const userEmail = query.get('userEmail')
  if (!apiKey || !userEmail) return null
  return async () => {
    const answer = await fetch('/api/embed/sessions', {
      method: 'POST',
      headers: { 'X-API-Key': apiKey, 'X-User-Email': userEmail, 'Content-Type': 'application/json' },
      body: JSON.stringify({ origin: location.origin }),
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    })
    if (!answer.ok) throw new Error('the key gives no session')
    const { data } = (await answer.json()) as { data: { token: string } }
    return data.token
  }
}
