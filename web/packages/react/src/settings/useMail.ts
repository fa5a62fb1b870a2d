import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { List, Schemas } from '../api/types'
import { useClient } from '../provider'
import { useChange } from './useChange'

export type Connection = Schemas['Connection']
export type ConnectionBegun = Schemas['ConnectionBegun']
export type Mailbox = Schemas['Mailbox']
export type MailAction = Schemas['MailAction']
export type MailRule = Schemas['MailRule']
export type MailState = Schemas['MailState']
export type MailMessage = Schemas['MailMessage']
export type MailFolder = Schemas['MailFolder']

const pendingInterval = 2000 // ms, while a sign-in is under way
const mailInterval = 4000 // ms, so that mail is seen to arrive
const idleInterval = 30_000 // ms

/** useConnections reads the accounts, more often while somebody signs in. */
export function useConnections(signingIn: boolean) {
  const client = useClient()
  return useQuery({
    queryKey: ['connections'],
    queryFn: ({ signal }) => client.call<Connection[]>('/connections', { signal }),
    refetchInterval: signingIn ? pendingInterval : mailInterval,
  })
}

export function useMailboxes() {
  const client = useClient()
  return useQuery({
    queryKey: ['mailboxes'],
    queryFn: ({ signal }) => client.call<Mailbox[]>('/mailboxes', { signal }),
    refetchInterval: mailInterval,
  })
}

export function useConnect() {
  return useChange(['connections'], (client, body: Schemas['ConnectionRequest']) =>
    client.call<ConnectionBegun>('/connections', { method: 'POST', body }),
  )
}

export function useReconnect() {
  return useChange(['connections'], (client, id: string) =>
    client.call<ConnectionBegun>(`/connections/${id}/reconnect`, { method: 'POST' }),
  )
}

export function useCheckConnection() {
  return useChange(['connections', 'mailboxes'], (client, id: string) =>
    client.call<Connection>(`/connections/${id}/check`, { method: 'POST' }),
  )
}

export function useDisconnect() {
  return useChange(['connections', 'mailboxes'], (client, id: string) => client.call(`/connections/${id}`, { method: 'DELETE' }))
}

export function useFolders(connection: string, mailbox: string, parentId: string) {
  const client = useClient()
  return useInfiniteQuery({
    queryKey: ['folders', connection, mailbox, parentId],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      client.call<Schemas['MailFolderPage']>(`/connections/${connection}/folders`, {
        query: { mailbox, parentId, cursor: pageParam },
        signal,
      }),
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })
}

export function useWatchFolder() {
  return useChange(['mailboxes', 'connections'], (client, body: Schemas['MailboxRequest']) =>
    client.call<Mailbox>('/mailboxes', { method: 'POST', body }),
  )
}

export function useChangeMailbox() {
  return useChange(['mailboxes'], (client, { id, body }: { id: string; body: Schemas['MailboxUpdate'] }) =>
    client.call<Mailbox>(`/mailboxes/${id}`, { method: 'PUT', body }),
  )
}

export function useDeleteMailbox() {
  return useChange(['mailboxes', 'connections'], (client, id: string) => client.call(`/mailboxes/${id}`, { method: 'DELETE' }))
}

export function useMessages(mailbox: string, state: string) {
  const client = useClient()
  return useInfiniteQuery({
    queryKey: ['messages', mailbox, state],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      client.call<List<MailMessage>>(`/mailboxes/${mailbox}/messages`, { query: { page: pageParam, limit: 20, state }, signal }),
    getNextPageParam: ({ pagination }) => (pagination.hasNextPage ? pagination.page + 1 : undefined),
    refetchInterval: ({ state: { data } }) => (data && data.pages.length > 1 ? idleInterval : mailInterval), // each page is read again
  })
}

export function useReplayMessage(mailbox: string) {
  return useChange(['messages'], (client, id: string) =>
    client.call<MailMessage>(`/mailboxes/${mailbox}/messages/${id}/replay`, { method: 'POST' }),
  )
}
