import type { DraftField, FieldType } from './draft'

/** previewOf is an example of the JSON that a template's extractions have. What would turn its lines around is escaped. */
export function previewOf(fields: readonly DraftField[]): string {
  const json = JSON.stringify(objectOf(fields), null, 2)
  return json.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (control) => `\\u${control.charCodeAt(0).toString(16)}`)
}

function objectOf(fields: readonly DraftField[]): Record<string, unknown> {
  return Object.fromEntries(fields.filter((f) => f.key !== '').map((f) => [f.key, valueOf(f.type, f.children)]))
}

function valueOf(type: FieldType, children: readonly DraftField[]): unknown {
  switch (type) {
    case 'String':
      return 'text'
    case 'Number':
      return 1234.5
    case 'Boolean':
      return true
    case 'Date':
      return '2026-01-31'
    case 'Object':
      return objectOf(children)
    case 'List<String>':
      return ['text']
    case 'List<Object>':
      return [objectOf(children)]
  }
}
