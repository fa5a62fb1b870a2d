import type { components } from '../gen/openapi'

/** The contract's types, by their names in openapi.yaml. */
export type Schemas = components['schemas']
export type Extraction = Schemas['Extraction']
export type ExtractionItem = Schemas['ExtractionItem']
export type Status = Schemas['Status']
export type Evidence = Schemas['Evidence']
export type Template = Schemas['Document']
export type Role = Schemas['Role']

/** A page of a list. */
export interface List<T> {
  items: T[]
  pagination: Schemas['Pagination']
}

/** What an extraction's stream of events tells. */
export interface StatusEvent {
  id: string
  status: Status
  attempt: number
  error: string | null
}
