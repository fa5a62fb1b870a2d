import { ExtractorProvider } from '@extractor/react'
import { createRoot } from 'react-dom/client'
import { type PageConfig, takeConfig, takeView } from './config'
import { connectHost } from './host'
import { takeKey } from './key'
import './page.css'
import { pages } from './pages'

const byKey = takeKey()
const view = takeView()
document.documentElement.dataset.theme = view.theme
const config = takeConfig()
if (config) show(config)

function show(config: PageConfig) {
  const host = connectHost(config, byKey)
  const Page = pages[config.page]
  createRoot(document.getElementById('root')!).render(
    <ExtractorProvider
      session={host.session} appName={config.appName} appearance={{ theme: view.theme }} locale={view.locale}
      onError={({ kind, status, message }) => host.post('extractor:error', { v: 1, error: { kind, status, message } })}
    >
      <main><Page config={config} host={host} /></main>
    </ExtractorProvider>,
  )
  host.post('extractor:ready', { v: 1, page: config.page })
  const root = document.getElementById('root')!
  new ResizeObserver(() => host.post('extractor:resize', { v: 1, height: Math.ceil(root.getBoundingClientRect().height) })).observe(root)
}
