"""Documents about a gallery: today the contact sheet, a PDF of all its photos with their names.

In: the studio's page of contact sheets, and the task that renders one from the photos' small JPEG renditions.
Out: rows of `Report`, `reports/{studio}/{report}.pdf` in the media bucket, and redirects to a presigned download.
Touches its one table, the media bucket and the task queue. ReportLab is loaded inside the task alone (0.14 s of CPU
and 14 MB that no page needs); what the pages need of the layout is in `options`.
"""
