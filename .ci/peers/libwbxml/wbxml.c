/* wbxml FILE: what libwbxml makes of a WBXML document, in MB of WBXML (encode:
 * of the XML) per second of processor time, the best of five runs. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <wbxml/wbxml.h>

/* The library exports its parser; Debian ships no header for it. */
typedef struct WBXMLParser_s WBXMLParser;
typedef struct {
    void (*begin)(void *, int, const void *);
    void (*end)(void *);
    void (*open)(void *, void *, void **, WB_BOOL);
    void (*close)(void *, void *, WB_BOOL);
    void (*text)(void *, WB_UTINY *, WB_ULONG, WB_ULONG);
    void (*instruction)(void *, const WB_UTINY *, WB_UTINY *);
} Handler;
WBXMLParser *wbxml_parser_create(void);
void wbxml_parser_destroy(WBXMLParser *);
WBXMLError wbxml_parser_parse(WBXMLParser *, WB_UTINY *, WB_ULONG);
void wbxml_parser_set_content_handler(WBXMLParser *, Handler *);
void wbxml_parser_set_language(WBXMLParser *, WBXMLLanguage);

static WB_UTINY *doc, *xml;
static WB_ULONG doc_len, xml_len;
static unsigned long seen;

static void on_begin(void *c, int s, const void *l) { (void)c; (void)s; (void)l; }
static void on_end(void *c) { (void)c; }
static void on_open(void *c, void *n, void **a, WB_BOOL e) { (void)c; (void)n; (void)a; (void)e; seen++; }
static void on_close(void *c, void *n, WB_BOOL e) { (void)c; (void)n; (void)e; }
static void on_text(void *c, WB_UTINY *p, WB_ULONG s, WB_ULONG n) { (void)c; (void)p; (void)s; seen += n; }

static void check(const char *what, WBXMLError e) {
    if (e != WBXML_OK) { fprintf(stderr, "%s: %s\n", what, (const char *)wbxml_errors_string(e)); exit(1); }
}

static void parse(void) {
    static Handler h = {on_begin, on_end, on_open, on_close, on_text, NULL};
    WBXMLParser *p = wbxml_parser_create();
    wbxml_parser_set_language(p, WBXML_LANG_ACTIVESYNC);
    wbxml_parser_set_content_handler(p, &h);
    check("parse", wbxml_parser_parse(p, doc, doc_len));
    wbxml_parser_destroy(p);
}

static void decode(void) {
    WBXMLConvWBXML2XML *c = NULL;
    WB_UTINY *out = NULL;
    WB_ULONG n = 0;
    check("decode", wbxml_conv_wbxml2xml_create(&c));
    wbxml_conv_wbxml2xml_set_language(c, WBXML_LANG_ACTIVESYNC);
    wbxml_conv_wbxml2xml_set_gen_type(c, WBXML_GEN_XML_CANONICAL);
    check("decode", wbxml_conv_wbxml2xml_run(c, doc, doc_len, &out, &n));
    wbxml_conv_wbxml2xml_destroy(c);
    if (xml == NULL) { xml = out; xml_len = n; } else free(out);
}

static void encode(void) {
    WBXMLConvXML2WBXML *c = NULL;
    WB_UTINY *out = NULL;
    WB_ULONG n = 0;
    check("encode", wbxml_conv_xml2wbxml_create(&c));
    wbxml_conv_xml2wbxml_disable_string_table(c);
    wbxml_conv_xml2wbxml_enable_preserve_whitespaces(c);
    check("encode", wbxml_conv_xml2wbxml_run(c, xml, xml_len, &out, &n));
    wbxml_conv_xml2wbxml_destroy(c);
    free(out);
}

static void measure(const char *name, WB_ULONG size, void (*run)(void)) {
    double best = 0;
    for (int k = 0; k < 5; k++) {
        clock_t began = clock();
        int n = 0;
        for (; n < 3 || clock() - began < CLOCKS_PER_SEC / 2; n++) run();
        double rate = (double)size * n / ((double)(clock() - began) / CLOCKS_PER_SEC) / 1e6;
        if (rate > best) best = rate;
    }
    printf("| %s | %.0f MB/s |\n", name, best);
}

int main(int argc, char **argv) {
    FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (f == NULL) { fprintf(stderr, "usage: wbxml FILE\n"); return 2; }
    fseek(f, 0, SEEK_END);
    doc_len = ftell(f);
    rewind(f);
    doc = malloc(doc_len);
    if (fread(doc, 1, doc_len, f) != doc_len) return 1;
    fclose(f);
    decode();
    measure("libwbxml SAX parse", doc_len, parse);
    measure("libwbxml decode to XML", doc_len, decode);
    measure("libwbxml encode from XML", xml_len, encode);
    return seen == 0;
}
