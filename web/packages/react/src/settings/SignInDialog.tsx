import page from '../forms/page.module.css'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { ApproveLink } from './ApproveLink'
import { MailStatus } from './MailStatus'
import type { Connection, ConnectionBegun } from './useMail'

interface Props {
  begun: ConnectionBegun
  /** The account as it is by now. */
  connection: Connection
  onWatch: () => void
  onClose: () => void
}

/** SignInDialog has the links to Microsoft, which lets none of its pages be framed, and says when the sign-in is done. */
export function SignInDialog({ begun, connection, onWatch, onClose }: Props) {
  const { t } = useText()
  const done = connection.connectedAt !== begun.connection.connectedAt
  const actions = (
    <>
      <Button onClick={onClose}>{t('close')}</Button>
      {done && (
        <Button variant="primary" onClick={onWatch}>
          {t('microsoft.watch')}
        </Button>
      )}
    </>
  )
  return (
    <Dialog title={t('microsoft.signInTitle')} onClose={onClose} actions={actions}>
      <div className={page.page}>
        <p role="status" dir="auto">
          {done ? t('microsoft.connected', { name: connection.email || connection.microsoftTenantId }) : t('microsoft.signInText')}
        </p>
        {!done && connection.status.state !== 'pending' && <MailStatus status={connection.status} />}
        {!done && begun.authorizationUrl && (
          <a href={begun.authorizationUrl} target="_blank" rel="noopener noreferrer">
            {t('microsoft.signIn')}
          </a>
        )}
        {!done && <ApproveLink url={begun.adminConsentUrl} />}
      </div>
    </Dialog>
  )
}
