import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { List, Schemas } from '../api/types'
import { recovery, useClient } from '../provider'
import { useChange } from './useChange'

export type Webhook = Schemas['Webhook']
export type Delivery = Schemas['Delivery']
export type DeliveryState = Schemas['DeliveryState']

/** replayDays is how far back is sent again: the API takes 30 days at most. */
export const replayDays = 29
const day = 24 * 3600 * 1000 // ms
const pendingInterval = 3000 // ms

export function useWebhooks() {
  const client = useClient()
  return useQuery({ queryKey: ['webhooks'], queryFn: ({ signal }) => client.call<Webhook[]>('/webhooks', { signal }) })
}

export function useSaveWebhook() {
  return useChange(['webhooks'], (client, { id, body }: { id: string | null; body: Schemas['WebhookUpdate'] }) =>
    client.call<Webhook>(id === null ? '/webhooks' : `/webhooks/${id}`, { method: id === null ? 'POST' : 'PUT', body }),
  )
}

export function useDeleteWebhook() {
  return useChange(['webhooks'], (client, id: string) => client.call(`/webhooks/${id}`, { method: 'DELETE' }))
}

export function useTestWebhook(id: string) {
  return useChange(['deliveries'], (client) => client.call<Delivery>(`/webhooks/${id}/test`, { method: 'POST' }))
}

export function useRotateSecret(id: string) {
  return useChange(['webhooks'], (client) => client.call<Webhook>(`/webhooks/${id}/rotate-secret`, { method: 'POST' }))
}

export function useReplay(id: string) {
  return useChange(['deliveries'], (client, what: Schemas['ReplayWhat']) => {
    const today = Math.floor(Date.now() / day) * day // sent again, it is the same request
    const since = new Date(today - replayDays * day).toISOString()
    return client.call<Schemas['Replayed']>(`/webhooks/${id}/replay`, { method: 'POST', body: { what, since } })
  })
}

export function useRedeliver(webhook: string) {
  return useChange(['deliveries'], (client, id: string) =>
    client.call<Delivery>(`/webhooks/${webhook}/deliveries/${id}/redeliver`, { method: 'POST' }),
  )
}

export function useDeliveries(webhook: string, state: DeliveryState | '') {
  const client = useClient()
  return useInfiniteQuery({
    queryKey: ['deliveries', webhook, state],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      client.call<List<Delivery>>(`/webhooks/${webhook}/deliveries`, { query: { page: pageParam, limit: 20, state }, signal }),
    getNextPageParam: ({ pagination }) => (pagination.hasNextPage ? pagination.page + 1 : undefined),
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some((delivery) => delivery.state === 'pending')) ? pendingInterval : recovery(query),
  })
}

export function useDelivery({ webhookId, id, updatedAt }: Delivery) {
  const client = useClient()
  return useQuery({
    queryKey: ['deliveries', webhookId, 'one', id, updatedAt],
    queryFn: ({ signal }) => client.call<Schemas['DeliveryDetail']>(`/webhooks/${webhookId}/deliveries/${id}`, { signal }),
    placeholderData: (before) => before,
  })
}
