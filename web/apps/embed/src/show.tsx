import { type ComponentType, startTransition } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { App, type AppProps, type PageProps } from './App'

/** Puts the page to work: over what the server sent of it, where that was prerendered. */
export function show(Page: ComponentType<PageProps>, props: AppProps) {
  const { config, host } = props
  const root = document.getElementById('root')!
  const app = <App {...props} onLive={live}><Page config={config} host={host} /></App>
  if (root.hasChildNodes()) startTransition(() => void hydrateRoot(root, app)) // in slices, so that the page answers meanwhile
  else createRoot(root).render(app)
  host.post('extractor:ready', { v: 1, page: config.page })
  new ResizeObserver(() => host.post('extractor:resize', { v: 1, height: Math.ceil(root.getBoundingClientRect().height) })).observe(root)
}

/** Until now what was sent took no click: nothing would have come of it. */
function live() {
  document.getElementById('root')!.inert = false
}
