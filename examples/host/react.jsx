import { ExtractorDocuments, ExtractorExtractions, ExtractorProvider, ExtractorUpload } from '@extractor/react'
import { createRoot } from 'react-dom/client'

async function newSession() {
  const answer = await fetch('/session', { method: 'POST' })
  const { token, extractor, error } = await answer.json()
  if (error) throw new Error(error)
  return { token, extractor }
}

const first = await newSession()
let token = first.token // the first call's; each further one asks again

async function session() {
  const given = token ?? (await newSession()).token
  token = undefined
  return given
}

createRoot(document.getElementById('root')).render(
  <ExtractorProvider baseUrl={first.extractor} session={session} appName="example-host" onError={console.error}>
    <ExtractorUpload onComplete={(data) => console.log('completed', data)} />
    <ExtractorExtractions onSelect={(data) => console.log('selected', data)} />
    <ExtractorDocuments onSave={(document) => console.log('saved', document.name)} />
  </ExtractorProvider>,
)
