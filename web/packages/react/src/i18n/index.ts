import { common } from './common'
import { documents } from './documents'
import { extractions } from './extractions'
import { mail } from './mail'
import { microsoft } from './microsoft'
import { settings } from './settings'
import { upload } from './upload'

export const locales = ['en', 'de', 'fr', 'es'] as const
export type Locale = (typeof locales)[number]
/** The texts of one part in each language; a missing one is a type error. */
export type Texts<K extends string> = Record<Locale, Record<K, string>>

// A part's texts are added here.
const parts = [common, upload, extractions, documents, settings, microsoft, mail] satisfies Texts<string>[]

type KeyOf<Part> = Part extends { en: infer T } ? keyof T : never
export type TextKey = KeyOf<(typeof parts)[number]>

/** The texts of one language, put together when it is asked for. */
const textsOf = (locale: Locale): Record<TextKey, string> => Object.assign({}, ...parts.map((part) => part[locale]))

/** Whether there is a text for a word of the API, which may be newer than this page. */
export const hasText = (key: string): key is TextKey => parts.some((part) => key in part.en)

type Values = Record<string, string | number>

export interface Translator {
  locale: string
  direction: 'ltr' | 'rtl'
  /** A text. `{name}` takes a value; of `one|other`, `count` decides which. */
  t: (key: TextKey, values?: Values) => string
  number: (value: number, options?: Intl.NumberFormatOptions) => string
  date: (time: string) => string
  bytes: (count: number) => string
}

/** The wanted locale, else the browser's first that there are texts for, else English. */
export function pickLocale(wanted: string | undefined, browser: readonly string[]): string {
  const has = (tag: string) => (locales as readonly string[]).includes(tag.toLowerCase().split('-')[0] ?? '')
  return [...(wanted ? [wanted] : []), ...browser].find((tag) => has(tag) && valid(tag)) ?? 'en'
}

function valid(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0
  } catch {
    return false
  }
}

const longest = 500 // characters of a value within a sentence
const directed = /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/

/**
 * A stranger's text within a sentence. One that runs right to left, or says so, is isolated (UAX #9, section 2.4) and
 * loses its own controls, so that it turns nothing around but itself.
 */
function within(value: string): string {
  const text = value.length > longest ? `${value.slice(0, longest)}…` : value
  return directed.test(text) ? `\u2068${text.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')}\u2069` : text
}

/** Whether each language there is writes a number by its digits alone. */
const plain = (value: number) => Number.isInteger(value) && value >= 0 && value < 1000

export function makeTranslator(locale: string): Translator {
  const language = locale.toLowerCase().split('-')[0]
  const texts = textsOf(locales.find((known) => known === language) ?? 'en')
  // Each takes milliseconds to make, the first one of numbers tens of them, and a page's first paint needs none.
  let plural: Intl.PluralRules | undefined
  let dates: Intl.DateTimeFormat | undefined
  const number = (value: number, options?: Intl.NumberFormatOptions) => (options || !plain(value) ? new Intl.NumberFormat(locale, options).format(value) : String(value))
  return {
    locale, number,
    direction: 'ltr', // each language there is runs left to right; styles use logical properties, so another needs this alone
    t: (key, values = {}) => {
      const forms = texts[key].split('|')
      const text = forms.length > 1 && (plural ??= new Intl.PluralRules(locale)).select(Number(values.count)) !== 'one' ? forms[1]! : forms[0]!
      return text.replace(/\{(\w+)\}/g, (_, name: string) => {
        const value = values[name] ?? ''
        return typeof value === 'number' ? number(value) : within(value)
      })
    },
    date: (time) => (Number.isNaN(Date.parse(time)) ? time : (dates ??= new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })).format(new Date(time))),
    bytes: (count) => count < 1e6
      ? number(Math.ceil(count / 1e3), { style: 'unit', unit: 'kilobyte' })
      : number(count / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }),
  }
}
