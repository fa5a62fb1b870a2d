import { Notice } from '../forms/Notice'
import page from '../forms/page.module.css'
import { useCopy } from '../forms/useCopy'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'

interface Props {
  title: string
  text: string
  secret: string
  onClose: () => void
}

/** OnceDialog shows what is shown once. */
export function OnceDialog({ title, text, secret, onClose }: Props) {
  const { t } = useText()
  const { said, copy } = useCopy()
  const actions = (
    <>
      <Button onClick={() => void copy(secret)}>{t('copy')}</Button>
      <Button variant="primary" onClick={onClose}>
        {t('settings.close')}
      </Button>
    </>
  )
  return (
    <Dialog title={title} onClose={onClose} actions={actions}>
      <div className={page.page}>
        <p>{text}</p>
        <Field label={title} hideLabel>
          <input className={page.secret} readOnly value={secret} dir="ltr" onFocus={(event) => event.target.select()} />
        </Field>
        <Notice text={said ? t(said) : ''} />
      </div>
    </Dialog>
  )
}
