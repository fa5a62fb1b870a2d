import page from '../forms/page.module.css'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import type { ConnectionBegun } from './useMail'

/** SignInDialog has the links to Microsoft: it lets none of its pages be framed. */
export function SignInDialog({ begun, onClose }: { begun: ConnectionBegun; onClose: () => void }) {
  const { t } = useText()
  return (
    <Dialog title={t('microsoft.signInTitle')} onClose={onClose} actions={<Button onClick={onClose}>{t('settings.close')}</Button>}>
      <div className={page.page}>
        <p>{t('microsoft.signInText')}</p>
        {begun.authorizationUrl && (
          <a href={begun.authorizationUrl} target="_blank" rel="noopener noreferrer">
            {t('microsoft.signIn')}
          </a>
        )}
        <a href={begun.adminConsentUrl} target="_blank" rel="noopener noreferrer">
          {t('microsoft.approve')}
        </a>
      </div>
    </Dialog>
  )
}
