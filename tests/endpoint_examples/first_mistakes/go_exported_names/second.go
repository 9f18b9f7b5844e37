package main

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"os"

	_ "github.com/mattn/go-sqlite3"
)

type Recipient struct {
	Uid string `json:"uid"`
	Msg string `json:"msg"`
}

type Page struct {
	List []Recipient `json:"list"`
	Next string `json:"next"`
}

func main() {
	db, _ := sql.Open("sqlite3", os.Getenv("DATABASE"))
	http.HandleFunc("/recipients", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			w.Header().Set("Allow", "GET")
			http.Error(w, "only GET is allowed", http.StatusMethodNotAllowed)
			return
		}
		after := r.URL.Query().Get("next")
		rows, _ := db.Query("SELECT id, uid, msg FROM recipients WHERE id > CAST(? AS INTEGER) ORDER BY id LIMIT 400", after)
		page := Page{List: []Recipient{}}
		var id string
		for rows.Next() {
			var one Recipient
			rows.Scan(&id, &one.Uid, &one.Msg)
			page.List = append(page.List, one)
		}
		if len(page.List) == 400 {
			page.Next = id
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(page)
	})
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
