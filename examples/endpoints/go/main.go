// Who gets which message, page by page. Go 1.19 or newer: go get github.com/mattn/go-sqlite3
package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"regexp"
	"strconv"

	_ "github.com/mattn/go-sqlite3"
)

const pageSize = 400 // fewer than 500

type row struct {
	id  int64
	UID string `json:"uid"`
	Msg string `json:"msg"`
}

// Without the tags Go would write "List" and "Next".
type page struct {
	List []row  `json:"list"`
	Next string `json:"next"`
}

type failure struct {
	Error string `json:"error"`
}

var (
	database *sql.DB
	ours     = regexp.MustCompile(`^after:([0-9]{1,18})$`)
	base64u  = base64.RawURLEncoding
)

func recipients(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		write(w, http.StatusMethodNotAllowed, failure{"only GET is allowed"})
		return
	}
	if !keyIsRight(r.Header.Get("X-Api-Key")) {
		write(w, http.StatusUnauthorized, failure{"X-Api-Key is missing or wrong"})
		return
	}
	after, ok := position(r.URL.Query().Get("next"))
	if !ok {
		write(w, http.StatusBadRequest, failure{"next is not a token of this API"})
		return
	}
	rows, err := rowsAfter(after)
	if err != nil {
		log.Print(err) // for you, not for the reader
		write(w, http.StatusInternalServerError, failure{"the server has a problem"})
		return
	}
	if len(rows) > pageSize {
		last := rows[pageSize-1].id
		next := base64u.EncodeToString([]byte("after:" + strconv.FormatInt(last, 10)))
		write(w, http.StatusOK, page{rows[:pageSize], next})
		return
	}
	write(w, http.StatusOK, page{rows, ""})
}

func keyIsRight(given string) bool {
	wanted := os.Getenv("API_KEY")
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(wanted))
	return wanted != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// position gives the id after which the page begins: 0 for the first page, false for a token that we never gave.
func position(token string) (int64, bool) {
	if token == "" {
		return 0, true
	}
	text, err := base64u.DecodeString(token)
	found := ours.FindSubmatch(text)
	if err != nil || found == nil {
		return 0, false
	}
	id, err := strconv.ParseInt(string(found[1]), 10, 64)
	return id, err == nil
}

func rowsAfter(id int64) ([]row, error) {
	found, err := database.Query("SELECT id, uid, msg FROM recipients WHERE id > ? ORDER BY id LIMIT ?", id, pageSize+1)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	rows := []row{} // an empty slice is [] in JSON; a nil slice would be null
	for found.Next() {
		var one row
		if err := found.Scan(&one.id, &one.UID, &one.Msg); err != nil {
			return nil, err
		}
		rows = append(rows, one)
	}
	return rows, found.Err()
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}

func main() {
	var err error
	if database, err = sql.Open("sqlite3", os.Getenv("DATABASE")); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/recipients", recipients)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
