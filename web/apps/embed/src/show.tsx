import { type ComponentType, startTransition } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { App, type AppProps, type PageProps } from './App'

/** Puts the page to work: over what the server sent of it, where that was prerendered. */
export function show(Page: ComponentType<PageProps>, props: AppProps) {
  const { config, host } = props
  const root = document.getElementById('root')!
  const app = <App {...props}><Page config={config} host={host} /></App>
  if (root.hasChildNodes()) startTransition(() => void hydrateRoot(root, app)) // in slices, so that the page answers meanwhile
  else createRoot(root).render(app)
  keepPage()
  host.post('extractor:ready', { v: 1, page: config.page })
  new ResizeObserver(() => host.post('extractor:resize', { v: 1, height: Math.ceil(root.getBoundingClientRect().height) })).observe(root)
}

/** A file that is dropped where nothing takes it would replace the page, and what was typed in it. */
function keepPage() {
  const refuse = (e: DragEvent) => {
    if (e.defaultPrevented || !e.dataTransfer?.types.includes('Files')) return
    e.preventDefault()
    e.dataTransfer.dropEffect = 'none'
  }
  window.addEventListener('dragover', refuse)
  window.addEventListener('drop', refuse)
}
