import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { ExtractionItem, List, Status, Template } from '../api/types'
import { useClient } from '../provider'

export interface Filters {
  page: number
  search: string
  status: Status | ''
  documentId: string
  /** Leaves out what came since the first page was read, so that pages don't shift. */
  asOf?: string
}

export const noFilters: Filters = { page: 1, search: '', status: '', documentId: '' }

export const statuses: Status[] = ['uploaded', 'analyzing', 'analyzed', 'extracting', 'completed', 'analysis failed', 'extraction failed', 'failed']

/** A page of extractions; the one before stays in sight while the next loads. */
export function useExtractions(filters: Filters) {
  const client = useClient()
  return useQuery({
    queryKey: ['extractions', filters],
    queryFn: ({ signal }) => client.call<List<ExtractionItem>>('/extractions', { query: { ...filters, limit: 50 }, signal }),
    placeholderData: keepPreviousData,
  })
}

/** The templates, whose names are the tabs. */
export function useTemplates() {
  const client = useClient()
  return useQuery({
    queryKey: ['documents', 'tabs'],
    queryFn: ({ signal }) => client.call<List<Template>>('/documents', { query: { limit: 100 }, signal }),
    staleTime: 60_000,
  })
}
