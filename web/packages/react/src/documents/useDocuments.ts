import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import type { List, Schemas, Template } from '../api/types'
import { useClient, useReport } from '../provider'

const pageSize = 50

export function useDocumentPages(search: string) {
  const client = useClient()
  return useInfiniteQuery({
    queryKey: ['documents', 'pages', search],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      client.call<List<Template>>('/documents', { query: { page: pageParam, limit: pageSize, search }, signal }),
    getNextPageParam: ({ pagination }) => (pagination.hasNextPage ? pagination.page + 1 : undefined),
  })
}

/** useSaveDocument creates a document; with an id it changes that one. */
export function useSaveDocument(id: string | null) {
  const client = useClient()
  const report = useReport()
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Schemas['DocumentRequest']) =>
      client.call<Template>(id === null ? '/documents' : `/documents/${id}`, { method: id === null ? 'POST' : 'PUT', body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['documents'] }),
    onError: (error) => report(error),
  })
}

export function useDeleteDocument() {
  const client = useClient()
  const report = useReport()
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => client.call(`/documents/${id}`, { method: 'DELETE' }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['documents'] }),
    onError: (error) => report(error),
  })
}
