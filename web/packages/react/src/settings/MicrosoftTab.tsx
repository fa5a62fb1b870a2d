import { useState } from 'react'
import { ExtractorError } from '../api/error'
import page from '../forms/page.module.css'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { ErrorNotice, Loading } from '../ui/States'
import { ConnectForm } from './ConnectForm'
import { ConnectionItem } from './ConnectionItem'
import { DeleteDialog } from './DeleteDialog'
import { MailboxDetail } from './MailboxDetail'
import { SignInDialog } from './SignInDialog'
import {
  type Connection,
  type ConnectionBegun,
  useCheckConnection,
  useConnections,
  useDisconnect,
  useMailboxes,
  useReconnect,
} from './useMail'
import { WatchForm } from './WatchForm'

/** MicrosoftTab manages Microsoft accounts and the folders that are watched. */
export function MicrosoftTab() {
  const { t } = useText()
  const mailboxes = useMailboxes()
  const check = useCheckConnection()
  const reconnect = useReconnect()
  const disconnect = useDisconnect()
  const [connecting, setConnecting] = useState(false)
  const [begun, setBegun] = useState<ConnectionBegun | null>(null)
  const connections = useConnections(begun !== null)
  const [watching, setWatching] = useState<Connection | null>(null)
  const [doomed, setDoomed] = useState<Connection | null>(null)
  const [opened, setOpened] = useState('')
  const shown = mailboxes.data?.find(({ id }) => id === opened)
  const beginning = connections.data?.find(({ id }) => id === begun?.connection.id)
  const error = connections.error ?? mailboxes.error
  const failed = check.error ?? reconnect.error
  const begin = (answer: ConnectionBegun) => {
    setConnecting(false)
    setBegun(answer)
  }

  const off = connections.error instanceof ExtractorError && connections.error.status === 409

  if (off) return <p role="status" className={page.muted}>{t('microsoft.off')}</p>
  if (shown) return <MailboxDetail connection={connections.data?.find(({ id }) => id === shown.connectionId)} mailbox={shown} onBack={() => setOpened('')} />
  return (
    <>
      <p className={page.muted}>{t('microsoft.about')}</p>
      <Button variant="primary" onClick={() => setConnecting(true)}>
        {t('microsoft.connect')}
      </Button>
      {connections.isPending && <Loading />}
      {error && <ErrorNotice error={error} onRetry={() => void Promise.all([connections.refetch(), mailboxes.refetch()])} />}
      {failed && <ErrorNotice error={failed} />}
      {connections.data?.length === 0 && <p className={page.muted}>{t('microsoft.empty')}</p>}
      <ul className={page.list}>
        {connections.data?.map((connection) => (
          <ConnectionItem
            key={connection.id}
            connection={connection}
            mailboxes={mailboxes.data?.filter(({ connectionId }) => connectionId === connection.id) ?? []}
            onCheck={() => check.mutate(connection.id)}
            onReconnect={() => reconnect.mutate(connection.id, { onSuccess: begin })}
            onDelete={() => setDoomed(connection)}
            onWatch={() => setWatching(connection)}
            onOpen={setOpened}
          />
        ))}
      </ul>
      {connecting && <ConnectForm onBegun={begin} onCancel={() => setConnecting(false)} />}
      {begun && beginning && (
        <SignInDialog
          begun={begun}
          connection={beginning}
          onWatch={() => {
            setBegun(null)
            setWatching(beginning)
          }}
          onClose={() => setBegun(null)}
        />
      )}
      {watching && <WatchForm connection={watching} onDone={() => setWatching(null)} />}
      {doomed && (
        <DeleteDialog
          id={doomed.id}
          name={doomed.email || doomed.microsoftTenantId || t('microsoft.unnamed')}
          remove={disconnect}
          onDeleted={() => setDoomed(null)}
          onCancel={() => setDoomed(null)}
        >
          {t('microsoft.deleteText')}
        </DeleteDialog>
      )}
    </>
  )
}
