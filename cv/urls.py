"""Pages of `cv`."""

from django.urls import path

from cv.views import changes, checking, downloads, files, review

app_name = "cv"
urlpatterns = [
    path("", files.list_cvs, name="list"),
    path("upload/", files.upload, name="upload"),
    path("quote/", files.quote, name="quote"),
    path("<int:pk>/", review.detail, name="detail"),
    path("<int:pk>/progress/", review.progress, name="progress"),
    path("<int:pk>/cancel/", review.cancel, name="cancel"),
    path("<int:pk>/read-again/", review.read_again, name="read_again"),
    path("<int:pk>/value/", review.value, name="value"),
    path("<int:pk>/confirm-all/", changes.confirm_all, name="confirm_all"),
    path("<int:pk>/add/", changes.add, name="add"),
    path("<int:pk>/remove/", changes.remove, name="remove"),
    path("<int:pk>/values/", changes.values, name="values"),
    path("<int:pk>/entry/", changes.menu, name="entry"),
    path("<int:pk>/arrange/<slug:verb>/", changes.arrange, name="arrange"),
    path("<int:pk>/assign/", changes.assign, name="assign"),
    path("<int:pk>/undo/", changes.undo, name="undo"),
    path("<int:pk>/redo/", changes.redo, name="redo"),
    path("<int:pk>/check/", checking.check, name="check"),
    path("<int:pk>/versions/", review.versions, name="versions"),
    path("<int:pk>/versions/<int:number>/restore/", review.restore, name="restore"),
    path("<int:pk>/download/", downloads.download, name="download"),
    path("<int:pk>/export/<slug:format_name>/", downloads.export, name="export"),
    path("<int:pk>/delete/", files.delete, name="delete"),
    path("pages/<int:document_pk>/<int:number>/", files.page, name="page"),
]
