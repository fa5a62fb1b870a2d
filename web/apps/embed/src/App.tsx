import { ExtractorProvider } from '@extractor/react'
import { type ReactNode, useLayoutEffect } from 'react'
import type { PageConfig, View } from './config'
import type { Host } from './host'

export interface PageProps {
  config: PageConfig
  host: Host
}

export interface AppProps extends PageProps {
  view: View
  fetch?: typeof fetch
  /** Called once everything on the page answers the user. */
  onLive?: () => void
}

/** A page: its components, between the session and the host. */
export function App({ config, host, view, fetch, onLive, children }: AppProps & { children: ReactNode }) {
  useLayoutEffect(() => onLive?.(), [onLive])
  return (
    <ExtractorProvider
      session={host.session} appName={config.appName} appearance={{ theme: view.theme }} locale={view.locale} fetch={fetch}
      onError={({ kind, status, message }) => host.post('extractor:error', { v: 1, error: { kind, status, message } })}
    >
      <main>{children}</main>
    </ExtractorProvider>
  )
}
