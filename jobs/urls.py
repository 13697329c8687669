"""Pages of `jobs`."""

from django.urls import path

from jobs.views import applications, emails, interviews, letters, matches, postings, quotes, tailoring

app_name = "jobs"
urlpatterns = [
    path("", postings.postings, name="postings"),
    path("import/", postings.import_file, name="import_file"),
    path("import/<int:pk>/", postings.imported, name="import"),
    path("<int:pk>/", postings.posting, name="posting"),
    path("<int:pk>/delete/", postings.delete, name="delete_posting"),
    path("<int:pk>/match/", matches.create_match, name="create_match"),
    path("matches/<int:pk>/", matches.match, name="match"),
    path("quotes/", quotes.quotes, name="quotes"),
    path("tailored/", tailoring.tailor, name="tailor"),
    path("tailored/<int:pk>/", tailoring.tailored, name="tailored"),
    path("tailored/<int:pk>/changes/<int:change_pk>/", tailoring.decide, name="decide_change"),
    path("tailored/<int:pk>/changes/<int:change_pk>/edit/", tailoring.edit, name="edit_change"),
    path("tailored/<int:pk>/compare/", tailoring.compare, name="compare_tailored"),
    path("tailored/<int:pk>/fit/", tailoring.fit, name="fit_tailored"),
    path("tailored/<int:pk>/restore/", tailoring.restore, name="restore_tailored"),
    path("tailored/<int:pk>/changes/", tailoring.decide_all, name="decide_changes"),
    path("tailored/<int:pk>/cancel/", tailoring.cancel, name="cancel_tailoring"),
    path("tailored/<int:pk>/export/<slug:format_name>/", tailoring.export, name="export_tailored"),
    path("matches/<int:pk>/interview/", interviews.interview, name="interview"),
    path("letters/new/", letters.new_letter, name="new_letter"),
    path("letters/", letters.write_letter, name="write_letter"),
    path("letters/<int:pk>/", letters.letter, name="letter"),
    path("letters/<int:pk>/stream/", letters.stream, name="letter_stream"),
    path("letters/<int:pk>/edit/", letters.edit, name="edit_letter"),
    path("letters/<int:pk>/revise/", letters.revise, name="revise_letter"),
    path("letters/<int:pk>/again/", letters.write_again, name="write_letter_again"),
    path("letters/<int:pk>/cancel/", letters.cancel, name="cancel_letter"),
    path("letters/<int:pk>/compare/", letters.compare, name="compare_letters"),
    path("letters/<int:pk>/export/<slug:format_name>/", letters.export, name="export_letter"),
    path("applications/", applications.board, name="applications"),
    path("applications/new/", applications.track, name="track"),
    path("applications/<int:pk>/", applications.application, name="application"),
    path("applications/<int:pk>/stage/", applications.move, name="move_application"),
    path("applications/<int:pk>/documents/", applications.keep, name="keep_documents"),
    path("applications/<int:pk>/documents/<int:document_pk>/", applications.document, name="sent_document"),
    path("applications/<int:pk>/delete/", applications.delete, name="delete_application"),
    path("emails/", emails.write_email, name="write_email"),
    path("emails/<int:pk>/", emails.email, name="email"),
]
