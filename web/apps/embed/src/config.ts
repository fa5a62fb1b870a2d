/** What the server tells the page; README.md has it. */
export interface PageConfig {
  token: string
  expiresAt: string
  origin: string | null
  allowedOrigins: string[]
  page: 'upload' | 'documents' | 'extractions' | 'settings'
  role: 'owner' | 'admin' | 'member'
  appName: string
}

export interface View {
  theme: 'light' | 'dark' | 'auto'
  /** Of the language that the server chose, with a region where the address or the browser names one. */
  locale: string
}

/** Takes the session out of the document, so that it lives in memory alone. */
export function takeConfig(): PageConfig | null {
  const block = document.getElementById('extractor-config')
  block?.remove()
  return block?.textContent ? (JSON.parse(block.textContent) as PageConfig) : null
}

/** Takes how the page should look from its address, and everything else out of it. */
export function takeView(): View {
  const query = new URLSearchParams(location.search)
  const kept = new URLSearchParams()
  for (const name of ['theme', 'locale']) {
    const value = query.get(name)
    if (value) kept.set(name, value)
  }
  history.replaceState(null, '', location.pathname + (kept.size ? `?${kept}` : ''))
  const theme = query.get('theme')
  return { theme: theme === 'light' || theme === 'dark' ? theme : 'auto', locale: localeOf(query.get('locale') ?? '') }
}

function localeOf(wanted: string): string {
  const language = document.documentElement.lang
  return [wanted, ...navigator.languages].find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language
}
