import { ExtractorProvider, locales } from '@extractor/react'
import { renderToStaticMarkup, renderToString } from 'react-dom/server'
import { App } from './App'
import type { PageConfig } from './config'
import { pages } from './pages'
import { ProblemPage, problems } from './ProblemPage'

type Name = keyof typeof pages

/** A page as it is before its first data, in a language. */
export interface Prerendered {
  /** The file's name without its ending. */
  name: string
  locale: string
  /** Whether it has no script, as a page on what went wrong. */
  still: boolean
  html: string
}

/** All pages in all languages; settings also as a member sees them. */
export async function prerender(): Promise<Prerendered[]> {
  const names = Object.keys(pages) as Name[]
  const variants = [...names.map((page) => ({ page, role: 'owner' as const, name: page as string })), { page: 'settings' as const, role: 'member' as const, name: 'settings-member' }]
  const made = await Promise.all(variants.flatMap(({ page, role, name }) => locales.map(async (locale) => {
    const config: PageConfig = { token: '', expiresAt: '', origin: null, allowedOrigins: [], page, role, appName: '' }
    const host = { post: () => {}, session: () => Promise.resolve('') }
    const { default: Page } = await pages[page]()
    const app = <App config={config} host={host} view={{ theme: 'auto', locale }}><Page config={config} host={host} /></App>
    return { name: `${name}.${locale}`, locale, still: false, html: renderToString(app) }
  })))
  const wrong = problems.flatMap((kind) => locales.map((locale) => {
    const page = <ExtractorProvider session={() => Promise.resolve('')} locale={locale}><ProblemPage kind={kind} /></ExtractorProvider>
    return { name: `problem-${kind}.${locale}`, locale, still: true, html: renderToStaticMarkup(page) }
  }))
  return [...made, ...wrong]
}
