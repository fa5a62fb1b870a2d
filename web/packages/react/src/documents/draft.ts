import type { components } from '../gen/openapi'

export type FieldType = components['schemas']['FieldType']
type Field = components['schemas']['Field']
type DocumentRequest = components['schemas']['DocumentRequest']

/** fieldTypes are the API's, in its order. */
export const fieldTypes: readonly FieldType[] = ['String', 'Number', 'Boolean', 'Date', 'Object', 'List<String>', 'List<Object>']

/** maxDepth is how deep the API lets fields be nested. */
export const maxDepth = 5

/** A field that is being written. Its uid is the page's own, so that what has the focus keeps it while keys and places change. */
export interface DraftField {
  uid: string
  id?: string
  key: string
  type: FieldType
  description: string
  children: DraftField[]
}

export interface Draft {
  name: string
  description: string
  fields: DraftField[]
}

/** A place in the tree: an index for each level. */
export type Path = readonly number[]

export function emptyField(): DraftField {
  return { uid: newUID(), key: '', type: 'String', description: '', children: [] }
}

export function emptyDraft(): Draft {
  return { name: '', description: '', fields: [emptyField()] }
}

export function draftOf(document: DocumentRequest): Draft {
  return { name: document.name, description: document.description, fields: document.fields.map(draftField) }
}

function draftField(field: Field): DraftField {
  return { ...field, uid: newUID(), children: (field.children ?? []).map(draftField) }
}

export function hasChildren(type: FieldType): boolean {
  return type === 'Object' || type === 'List<Object>'
}

/** requestOf is what is sent: children of fields that have none by their type stay behind. */
export function requestOf(draft: Draft): DocumentRequest {
  return { name: draft.name, description: draft.description, fields: draft.fields.map(requestField) }
}

function requestField({ id, key, type, description, children }: DraftField): Field {
  const field: Field = { key, type, description }
  if (id !== undefined) field.id = id
  if (hasChildren(type)) field.children = children.map(requestField)
  return field
}

export function changeField(fields: DraftField[], path: Path, change: (field: DraftField) => DraftField): DraftField[] {
  const [first, ...rest] = path
  return fields.map((field, i) => {
    if (i !== first) return field
    return rest.length === 0 ? change(field) : { ...field, children: changeField(field.children, rest, change) }
  })
}

/** changeList changes the list of fields below parent; an empty path is the document's own list. */
export function changeList(fields: DraftField[], parent: Path, change: (list: DraftField[]) => DraftField[]): DraftField[] {
  if (parent.length === 0) return change(fields)
  return changeField(fields, parent, (field) => ({ ...field, children: change(field.children) }))
}

/** moved puts the item at from to the place to. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const item = list[from]
  if (item === undefined || to < 0 || to >= list.length) return [...list]
  const others = list.filter((_, i) => i !== from)
  return [...others.slice(0, to), item, ...others.slice(to)]
}

let count = 0
function newUID(): string {
  count += 1
  return `f${count}`
}
