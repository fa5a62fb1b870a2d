import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '../api/types'
import { useClient } from '../provider'
import { useChange } from './useChange'

export type APIKey = Schemas['APIKey']

export function useKeys() {
  const client = useClient()
  return useQuery({ queryKey: ['api-keys'], queryFn: ({ signal }) => client.call<APIKey[]>('/api-keys', { signal }) })
}

/** useSaveKey creates a key; with an id it changes that one. */
export function useSaveKey() {
  return useChange(['api-keys'], (client, { id, body }: { id: string | null; body: Schemas['APIKeyUpdate'] }) =>
    client.call<APIKey>(id === null ? '/api-keys' : `/api-keys/${id}`, { method: id === null ? 'POST' : 'PUT', body }),
  )
}

export function useDeleteKey() {
  return useChange(['api-keys'], (client, id: string) => client.call(`/api-keys/${id}`, { method: 'DELETE' }))
}
