// A host application: it knows the API key, and gives its pages short-lived
// sessions. EXTRACTOR is where Extractor is, KEY and EMAIL are whose sessions
// they are. GET / embeds the pages, GET /react has the components.
import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'

const { EXTRACTOR = 'http://127.0.0.1:8080', KEY, EMAIL, PORT = '5173' } = process.env
if (!KEY || !EMAIL) {
  console.error('set KEY to an API key and EMAIL to the address of a user')
  process.exit(1)
}

/** session asks Extractor for a token that works for origin alone. Only signed-in users of yours may get one. */
async function session(origin) {
  const answer = await fetch(`${EXTRACTOR}/api/embed/sessions`, {
    method: 'POST',
    headers: { 'X-API-Key': KEY, 'X-User-Email': EMAIL, 'Content-Type': 'application/json' },
    body: JSON.stringify({ origin }),
  })
  const { data, error } = await answer.json()
  if (error) throw new Error(error)
  return data.token
}

const files = { '/': 'index.html', '/host.js': 'host.js', '/react': 'react.html', '/react.js': 'dist/react.js', '/react.css': 'dist/react.css' }
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript', mjs: 'text/javascript', css: 'text/css' }

const server = createServer(async (request, response) => {
  const path = new URL(request.url, 'http://host').pathname
  if (path === '/session' && request.method === 'POST') {
    try {
      const token = await session(`http://${request.headers.host}`)
      response.setHeader('Cache-Control', 'no-store')
      response.end(JSON.stringify({ token, extractor: EXTRACTOR }))
    } catch (err) {
      response.writeHead(502).end(JSON.stringify({ error: err.message }))
    }
    return
  }
  const name = files[path] ?? (/^\/assets\/[\w.-]+$/.test(path) ? `dist${path}` : undefined)
  const file = name && new URL(name, import.meta.url)
  if (!file || !existsSync(file)) {
    response.writeHead(404).end('not found; the React page is built by: npm run build')
    return
  }
  response.setHeader('Content-Type', types[name.split('.').pop()])
  createReadStream(file).pipe(response)
})
server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://localhost:${server.address().port}`))
