import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import type { List, Schemas, Template } from '../api/types'
import { useClient } from '../provider'
import { useChange } from '../settings/useChange'

const pageSize = 50

export function useDocumentPages(search: string) {
  const client = useClient()
  return useInfiniteQuery({
    queryKey: ['documents', 'pages', search],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      client.call<List<Template>>('/documents', { query: { page: pageParam, limit: pageSize, search }, signal }),
    getNextPageParam: ({ pagination }) => (pagination.hasNextPage ? pagination.page + 1 : undefined),
    placeholderData: keepPreviousData,
  })
}

/** useSaveDocument creates a document; with an id it changes that one. */
export function useSaveDocument(id: string | null) {
  return useChange(['documents'], (client, body: Schemas['DocumentRequest']) =>
    client.call<Template>(id === null ? '/documents' : `/documents/${id}`, { method: id === null ? 'POST' : 'PUT', body }),
  )
}

export function useDeleteDocument() {
  return useChange(['documents'], (client, id: string) => client.call(`/documents/${id}`, { method: 'DELETE' }))
}
