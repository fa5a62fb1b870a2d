import type { DraftField, FieldType } from './draft'

/** previewOf is an example of the JSON that a template's extractions have. */
export function previewOf(fields: readonly DraftField[]): string {
  return JSON.stringify(objectOf(fields), null, 2)
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
