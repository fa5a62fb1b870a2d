const en = {
  loading: 'Loading…', retry: 'Try again', cancel: 'Cancel', close: 'Close', delete: 'Delete', save: 'Save', edit: 'Edit', copy: 'Copy', copied: 'Copied', search: 'Search', all: 'All', back: 'Back', name: 'Name', status: 'Status', created: 'Created', actions: 'Actions',
  previous: 'Previous page', next: 'Next page', pageOf: 'Page {page} of {pages}', pages: 'Pages', optional: 'optional',
  errorOffline: 'The connection was lost. Check your network; this page goes on by itself when it is back.',
  errorUnauthorized: 'Your session has ended. Open this page again from your application.',
  errorLimited: 'Too many requests. This page goes on in {count} second.|Too many requests. This page goes on in {count} seconds.',
  errorServer: 'The service has a problem right now. Nothing is lost; this page tries again by itself.',
  errorRefused: 'This could not be done.', errorUnknown: 'Something went wrong. Try again.',
  pageForbidden: 'This page may not be shown here. Whoever runs this application can allow it.', pageLimited: 'Too many requests. This page opens by itself in a moment.',
  'status.uploaded': 'Waiting', 'status.analyzing': 'Analysing', 'status.analyzed': 'Analysed', 'status.extracting': 'Extracting', 'status.completed': 'Completed', 'status.analysis failed': 'Analysis failed', 'status.extraction failed': 'Extraction failed', 'status.failed': 'Failed',
}
type Common = Record<keyof typeof en, string>
const de: Common = {
  loading: 'Wird geladen…', retry: 'Erneut versuchen', cancel: 'Abbrechen', close: 'Schließen', delete: 'Löschen', save: 'Speichern', edit: 'Bearbeiten', copy: 'Kopieren', copied: 'Kopiert', search: 'Suchen', all: 'Alle', back: 'Zurück', name: 'Name', status: 'Status', created: 'Erstellt', actions: 'Aktionen',
  previous: 'Vorherige Seite', next: 'Nächste Seite', pageOf: 'Seite {page} von {pages}', pages: 'Seiten', optional: 'freiwillig',
  errorOffline: 'Die Verbindung ist unterbrochen. Prüfen Sie Ihr Netz; danach geht es hier von selbst weiter.',
  errorUnauthorized: 'Ihre Sitzung ist abgelaufen. Öffnen Sie diese Seite erneut aus Ihrer Anwendung.',
  errorLimited: 'Zu viele Anfragen. In {count} Sekunde geht es weiter.|Zu viele Anfragen. In {count} Sekunden geht es weiter.',
  errorServer: 'Der Dienst hat gerade eine Störung. Nichts ist verloren; diese Seite versucht es von selbst erneut.',
  errorRefused: 'Das war nicht möglich.', errorUnknown: 'Etwas ist schiefgegangen. Versuchen Sie es erneut.',
  pageForbidden: 'Diese Seite darf hier nicht gezeigt werden. Wer diese Anwendung betreibt, kann es erlauben.', pageLimited: 'Zu viele Anfragen. Diese Seite öffnet sich gleich von selbst.',
  'status.uploaded': 'Wartet', 'status.analyzing': 'Wird analysiert', 'status.analyzed': 'Analysiert', 'status.extracting': 'Wird ausgelesen', 'status.completed': 'Fertig', 'status.analysis failed': 'Analyse fehlgeschlagen', 'status.extraction failed': 'Auslesen fehlgeschlagen', 'status.failed': 'Fehlgeschlagen',
}
const fr: Common = {
  loading: 'Chargement…', retry: 'Réessayer', cancel: 'Annuler', close: 'Fermer', delete: 'Supprimer', save: 'Enregistrer', edit: 'Modifier', copy: 'Copier', copied: 'Copié', search: 'Rechercher', all: 'Tous', back: 'Retour', name: 'Nom', status: 'Statut', created: 'Créé', actions: 'Actions',
  previous: 'Page précédente', next: 'Page suivante', pageOf: 'Page {page} sur {pages}', pages: 'Pages', optional: 'facultatif',
  errorOffline: 'La connexion est perdue. Vérifiez votre réseau ; la page reprendra d’elle-même.',
  errorUnauthorized: 'Votre session a expiré. Rouvrez cette page depuis votre application.',
  errorLimited: 'Trop de requêtes. La page reprend dans {count} seconde.|Trop de requêtes. La page reprend dans {count} secondes.',
  errorServer: 'Le service rencontre un problème. Rien n’est perdu ; la page réessaie d’elle-même.',
  errorRefused: 'Cette action est impossible.', errorUnknown: 'Une erreur est survenue. Réessayez.',
  pageForbidden: 'Cette page ne peut pas être affichée ici. Le responsable de cette application peut l’autoriser.', pageLimited: 'Trop de requêtes. Cette page s’ouvrira d’elle-même dans un instant.',
  'status.uploaded': 'En attente', 'status.analyzing': 'Analyse en cours', 'status.analyzed': 'Analysé', 'status.extracting': 'Extraction en cours', 'status.completed': 'Terminé', 'status.analysis failed': 'Échec de l’analyse', 'status.extraction failed': 'Échec de l’extraction', 'status.failed': 'Échec',
}
const es: Common = {
  loading: 'Cargando…', retry: 'Reintentar', cancel: 'Cancelar', close: 'Cerrar', delete: 'Eliminar', save: 'Guardar', edit: 'Editar', copy: 'Copiar', copied: 'Copiado', search: 'Buscar', all: 'Todos', back: 'Volver', name: 'Nombre', status: 'Estado', created: 'Creado', actions: 'Acciones',
  previous: 'Página anterior', next: 'Página siguiente', pageOf: 'Página {page} de {pages}', pages: 'Páginas', optional: 'opcional',
  errorOffline: 'Se perdió la conexión. Revise su red; la página seguirá por sí sola.',
  errorUnauthorized: 'Su sesión ha terminado. Abra de nuevo esta página desde su aplicación.',
  errorLimited: 'Demasiadas solicitudes. La página sigue en {count} segundo.|Demasiadas solicitudes. La página sigue en {count} segundos.',
  errorServer: 'El servicio tiene un problema. No se ha perdido nada; la página lo intenta de nuevo por sí sola.',
  errorRefused: 'No se pudo hacer.', errorUnknown: 'Algo salió mal. Inténtelo de nuevo.',
  pageForbidden: 'Esta página no puede mostrarse aquí. El responsable de esta aplicación puede permitirlo.', pageLimited: 'Demasiadas solicitudes. Esta página se abrirá sola en un momento.',
  'status.uploaded': 'En espera', 'status.analyzing': 'Analizando', 'status.analyzed': 'Analizado', 'status.extracting': 'Extrayendo', 'status.completed': 'Completado', 'status.analysis failed': 'Análisis fallido', 'status.extraction failed': 'Extracción fallida', 'status.failed': 'Fallido',
}
export const common = { en, de, fr, es }
