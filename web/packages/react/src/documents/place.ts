import type { Draft, DraftField } from './draft'

/** Where an error belongs: the document's name or description, or an input of the field with that uid. */
export interface Place {
  uid: string
  input: 'key' | 'type' | 'description' | 'children'
}

/**
 * placeOf finds the field that the API's sentence names: `fields[lines][amount].key: …`. Keys may hold anything while
 * they are wrong, so the sentence is compared with the paths of the fields, not taken apart. null: none is named.
 */
export function placeOf(sentence: string, draft: Draft): Place | 'name' | 'description' | null {
  if (/^(name|description)\b/.test(sentence)) return sentence.startsWith('name') ? 'name' : 'description'
  return inList(sentence, draft.fields, 'fields')
}

function inList(sentence: string, fields: readonly DraftField[], path: string): Place | null {
  if (sentence.startsWith(`${path}.key: `)) return twice(sentence, fields)
  for (const [i, field] of fields.entries()) {
    const at = field.key === '' ? `${path}[${i}]` : `${path}[${field.key}]`
    const nested = inList(sentence, field.children, at)
    if (nested) return nested
    if (!sentence.startsWith(at)) continue
    const input = /^\.(key|type|description|children)\b/.exec(sentence.slice(at.length))?.[1]
    if (input !== undefined) return { uid: field.uid, input: input as Place['input'] }
    if (sentence.startsWith(`${at}: `)) return { uid: field.uid, input: 'children' }
  }
  return null
}

/** twice is the later one of two fields that have the same key. */
function twice(sentence: string, fields: readonly DraftField[]): Place | null {
  const seen = new Set<string>()
  for (const field of fields) {
    if (seen.has(field.key) && sentence.includes(JSON.stringify(field.key))) return { uid: field.uid, input: 'key' }
    seen.add(field.key)
  }
  return null
}
