const frame = document.getElementById('extractor')
const told = document.getElementById('told')

/** A new token, from this host's own server. */
async function newSession() {
  const answer = await fetch('/session', { method: 'POST' })
  const { token, extractor, error } = await answer.json()
  if (error) throw new Error(error)
  return { token, origin: new URL(extractor).origin }
}

let origin // Extractor's

async function open(page) {
  const made = await newSession()
  origin = made.origin
  frame.src = `${origin}${page}?${new URLSearchParams({ token: made.token, appName: 'example-host' })}`
}

addEventListener('message', async (event) => {
  if (event.source !== frame.contentWindow || event.origin !== origin) return // anyone can post to this window
  const { type, data, height } = event.data
  switch (type) {
    case 'extractor:resize':
      frame.height = Math.max(height, 300)
      return
    case 'extractor:token-expired': {
      const { token } = await newSession()
      frame.contentWindow.postMessage({ type: 'extractor:set-token', token }, origin)
      return
    }
    case 'extraction-complete':
    case 'extraction-selected':
      told.textContent += `${type} ${data.extractionId ?? data.id}\n`
      return
    default:
      told.textContent += `${type}\n`
  }
})

for (const button of document.querySelectorAll('[data-page]')) {
  button.addEventListener('click', () => open(button.dataset.page))
}
open('/embed')
