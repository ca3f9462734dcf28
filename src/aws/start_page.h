#pragma once
/* What the page behind a start URL tells, which is made for a browser's scripts. Pure. */

/*
 * The region of its Identity Center, as AWS writes it into the page: <meta name="region" content="REGION">,
 * or the member region of the JSON in <script id="env">. NULL: the page names none that there could be. The
 * caller's to free.
 */
char *start_page_region(const char *html);
