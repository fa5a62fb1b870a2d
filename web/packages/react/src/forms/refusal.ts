import { ExtractorError } from '../api/error'

/** refusalOf is the API's sentence on what is wrong with what was sent; '' where something else went wrong. */
export function refusalOf(error: unknown): string {
  return error instanceof ExtractorError && error.kind === 'refused' ? error.message : ''
}

/** at is the sentence if it is about the input of that name. */
export function at(sentence: string, name: string): string | undefined {
  return new RegExp(`^${name}\\b`).test(sentence) ? sentence : undefined
}
