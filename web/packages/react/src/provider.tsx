import { QueryCache, QueryClient, QueryClientProvider, type Query } from '@tanstack/react-query'
import { createContext, type CSSProperties, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { Client, type Credentials } from './api/client'
import { ExtractorError } from './api/error'
import { makeTranslator, pickLocale, type Translator } from './i18n'
import theme from './theme/theme.module.css'

/** The colours and shapes that a host may set; theme.module.css has what they are otherwise. */
export type ThemeVariable =
  | 'font' | 'background' | 'surface' | 'text' | 'muted' | 'border' | 'accent' | 'accent-text'
  | 'danger' | 'success' | 'warning' | 'radius'

export interface Appearance {
  theme?: 'light' | 'dark' | 'auto'
  /** CSS values by name: `{ accent: '#7c3aed' }` sets `--ex-accent`. */
  variables?: Partial<Record<ThemeVariable, string>>
}

export type ExtractorProviderProps = Credentials & {
  /** Where Extractor is, such as `https://extractor.example.com`; '' is this page's origin. */
  baseUrl?: string
  appName?: string
  appearance?: Appearance
  /** en, de, fr or es, with a region or without; otherwise the browser's. */
  locale?: string
  /** Makes the calls in place of the browser's own fetch; uploads tell their progress and go without it. */
  fetch?: typeof fetch
  onError?: (error: ExtractorError) => void
  onTokenExpired?: () => void
  children: ReactNode
}

interface Context {
  client: Client
  translator: Translator
  report: (error: unknown) => void
}

const ExtractorContext = createContext<Context | null>(null)

function useExtractor(): Context {
  const context = useContext(ExtractorContext)
  if (!context) throw new Error('Extractor components stand inside <ExtractorProvider>')
  return context
}

export const useClient = () => useExtractor().client
/** The texts: `const { t, date, number } = useText()`. */
export const useText = () => useExtractor().translator
/** Tells the host of an error. */
export const useReport = () => useExtractor().report

/** When a query that failed for a while is tried again, in ms; false: not by itself. */
export function recovery({ state: { error } }: Pick<Query, 'state'>): number | false {
  return error instanceof ExtractorError && error.recoverable ? (error.retryAfter ?? 5) * 1000 : false
}

/** Whether a read was refused because the operator does not offer what it is of, which the page says and is no failure. */
function notOffered(error: unknown): boolean {
  return error instanceof ExtractorError && error.status === 409
}

function newQueryClient(report: (error: unknown) => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: (error) => notOffered(error) || report(error) }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (count, err) => count < 2 && err instanceof ExtractorError && err.kind === 'server',
        retryDelay: (count) => 500 * 2 ** count,
        networkMode: 'always', // an answer may come from this machine
        refetchInterval: recovery,
      },
      mutations: { networkMode: 'always' }, // else one waits for the network, and says nothing
    },
  })
}

/** A host's server knows no browser's languages: it renders English where none is wanted, and the browser begins with that. */
function useTranslator(wanted?: string): Translator {
  const locale = useSyncExternalStore(never, () => pickLocale(wanted, navigator.languages), () => pickLocale(wanted, []))
  return useMemo(() => makeTranslator(locale), [locale])
}

const never = () => () => {}

/** Holds what the components share: who calls, how they look, in which language. */
export function ExtractorProvider(props: ExtractorProviderProps) {
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  const { apiKey, userEmail, baseUrl, appName, locale, appearance, fetch } = props
  const bySession = Boolean(props.session)
  const client = useMemo(() => {
    const shared = { baseUrl, appName, fetch, onTokenExpired: () => latest.current.onTokenExpired?.() }
    return new Client(bySession
      ? { ...shared, session: () => latest.current.session!() }
      : { ...shared, apiKey: apiKey ?? '', userEmail: userEmail ?? '' })
  }, [apiKey, userEmail, baseUrl, appName, bySession, fetch])
  const report = useCallback((err: unknown) => void (err instanceof ExtractorError && latest.current.onError?.(err)), [])
  const queries = useMemo(() => (void client, newQueryClient(report)), [client, report]) // another caller's answers are not kept
  const translator = useTranslator(locale)
  const context = useMemo(() => ({ client, translator, report }), [client, translator, report])
  const variables = Object.fromEntries(Object.entries(appearance?.variables ?? {}).map(([k, v]) => [`--ex-${k}`, v]))
  return (
    <ExtractorContext.Provider value={context}>
      <QueryClientProvider client={queries}>
        <div className={theme.root} data-theme={appearance?.theme ?? 'auto'} lang={translator.locale} dir={translator.direction} style={variables as CSSProperties}>
          {props.children}
        </div>
      </QueryClientProvider>
    </ExtractorContext.Provider>
  )
}
